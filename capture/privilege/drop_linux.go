package privilege

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/landlock-lsm/go-landlock/landlock"
	syscallset "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"kernel.org/pub/linux/libs/security/libcap/cap"
)

// terminal is what a terminal program opens again when it is suspended and goes
// on, and what the runtime of Go may open.
var terminal = []string{"/dev/tty", "/dev/null"}

// makes is what may be done in a folder in which files may be made.
const makes = syscallset.AccessFSMakeReg | syscallset.AccessFSWriteFile | syscallset.AccessFSTruncate

// Drop gives up everything but what is granted, for all threads and for ever. An
// error means that something could not be given up, and that the process must
// not go on.
func Drop(g Grant) error {
	_, zone := time.Now().Zone() // reads the time zone's file, which cannot be read later
	_ = zone
	if err := dropCapabilities(); err != nil {
		return fmt.Errorf("give up capabilities: %w", err)
	}
	rules := []landlock.Rule{
		landlock.RWFiles(terminal...).WithIoctlDev().IgnoreIfMissing(),
		landlock.RWDirs(g.Write...),
		landlock.PathAccess(makes, g.Make...).IgnoreIfMissing(),
		landlock.ROFiles(g.Read...),
	}
	if err := landlock.V11.BestEffort().Restrict(rules...); err != nil {
		return fmt.Errorf("confine with Landlock: %w", err)
	}
	return nil
}

// dropCapabilities leaves no capability in any set of any thread. Who has none
// may not shrink the bounding set, and has no use for it either: no program that
// is run gains any.
func dropCapabilities() error {
	for v := cap.Value(0); v < cap.MaxBits(); v++ {
		if err := cap.DropBound(v); err != nil && !errors.Is(err, syscall.EPERM) {
			return err
		}
	}
	if err := cap.ResetAmbient(); err != nil {
		return err
	}
	if err := cap.NewSet().SetProc(); err != nil {
		return err
	}
	const noNewPrivs = 38 // PR_SET_NO_NEW_PRIVS
	_, err := cap.Prctlw(noNewPrivs, 1)
	return err
}
