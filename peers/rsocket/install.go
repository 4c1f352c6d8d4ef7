package rsocket

import (
	"context"
	"crypto/sha256"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"flowlab/peers/story"
)

//go:embed js
var js embed.FS

// write writes files of js to a folder.
func write(folder string, names ...string) error {
	for _, name := range names {
		data, err := js.ReadFile("js/" + name)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), data, 0o600)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// install returns the folder of the packages that js/package-lock.json pins. npm puts them
// into the user's cache folder once; none of their scripts is run.
func install(ctx context.Context, s *story.Stage) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("keep npm's packages: %w", err)
	}
	lock, err := js.ReadFile("js/package-lock.json")
	if err != nil {
		return "", err
	}
	kept := filepath.Join(cache, "flowlab", fmt.Sprintf("rsocket-%.12x", sha256.Sum256(lock)))
	modules := filepath.Join(kept, "node_modules")
	if _, err := os.Stat(modules); err == nil {
		return modules, nil
	}
	s.Say("npm fetches RSocket's packages, for this time and all others.")
	if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil {
		return "", fmt.Errorf("keep npm's packages: %w", err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(kept), "fresh-")
	if err != nil {
		return "", fmt.Errorf("keep npm's packages: %w", err)
	}
	s.AtEnd(func() { _ = os.RemoveAll(fresh) })
	if err := write(fresh, "package.json", "package-lock.json"); err != nil {
		return "", err
	}
	cmd := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = fresh
	npm, err := s.Start(cmd)
	if err != nil {
		return "", err
	}
	if err := npm.Wait(ctx); err != nil {
		return "", fmt.Errorf("fetch RSocket's packages: %w", err)
	}
	if err := os.Rename(fresh, kept); err != nil {
		if _, there := os.Stat(modules); there != nil { // somebody else was not first
			return "", fmt.Errorf("keep npm's packages: %w", err)
		}
	}
	return modules, nil
}
