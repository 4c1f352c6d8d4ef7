//go:build unix

package tui

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stopWait is how long the stop signal may take to stop this process. Where nothing
// controls jobs it never does.
const stopWait = 200 * time.Millisecond

// suspend gives the terminal back and stops the job, also the process that supervises
// this one, as Ctrl-Z does. It returns when the job goes on, with the screen taken again.
func (s *screen) suspend() error {
	if err := s.terminal.Suspend(); err != nil {
		return err
	}
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, syscall.SIGCONT)
	defer signal.Stop(continued)
	if err := syscall.Kill(0, syscall.SIGTSTP); err == nil {
		select {
		case <-continued:
		case <-time.After(stopWait):
		}
	}
	s.anew = true
	return s.terminal.Resume()
}
