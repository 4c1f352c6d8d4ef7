package settings

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"flowlab/scenarios"
	"flowlab/tui/parts"
)

// Settings are how somebody wants the screens.
type Settings struct {
	Theme *parts.Theme
	Plots *parts.Glyphs // nil for what the terminal can show
	Mouse bool          // is flowlab's, and does not select text
	Mask  bool          // addresses are shown as stand-ins
	Keys  Keys
}

// Default returns what holds without a file.
func Default() *Settings {
	return &Settings{Theme: &parts.Standard, Mouse: true}
}

// Path returns where the file is looked for: flowlab/config.yaml in XDG_CONFIG_HOME,
// which is ~/.config unless it is set to an absolute path (XDG Base Directory
// Specification); on Windows in the folder for a user's settings. The error says that
// this user has no home.
func Path() (string, error) {
	folder := os.Getenv("XDG_CONFIG_HOME")
	var err error
	switch {
	case filepath.IsAbs(folder):
	case runtime.GOOS == "windows":
		folder, err = os.UserConfigDir()
	default:
		folder, err = os.UserHomeDir()
		folder = filepath.Join(folder, ".config")
	}
	return filepath.Join(folder, "flowlab", "config.yaml"), err
}

// Load reads the file at [Path]. The error is one [scenarios.FileError], or several
// joined by [errors.Join]. That there is no file, or no home to have it in, is none.
func Load() (*Settings, error) {
	path, err := Path()
	if err != nil {
		return Default(), nil
	}
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Default(), nil
	case err != nil:
		return nil, &scenarios.FileError{File: path, Mistake: &scenarios.Mistake{
			Problem: err.Error(), Hint: "make it a file that this user may read, or remove it",
		}}
	}
	return Parse(path, data)
}
