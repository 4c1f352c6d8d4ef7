package tui

// Supervise runs this program once more as a child, with these arguments, to
// have the screen; it must be called before anything is opened or started.
//
// Go ends a process at once if any goroutine panics, and then nothing in it can
// put the terminal back. The parent can: it does nothing but wait. When the
// child has ended and left the terminal to itself (a panic, SIGKILL), the
// parent leaves the alternate screen and restores the terminal's settings; then
// it prints what the child wrote to its standard error, which the screen would
// have swallowed. SIGTERM, SIGHUP, SIGINT and SIGQUIT are passed on to the
// child, which ends as it does without a parent.
//
// If ran is true the program is over, and code is what to exit with: the
// child's own, or 128 and the number of the signal that ended it. If it is
// false this process is to have the screen: it is the child, or there is no
// terminal to look after, or this system knows no such thing. The error says
// that the child could not be started.
//
// Keys cannot stop the child: while it has the screen Ctrl-C, Ctrl-\ and Ctrl-Z
// are keys like others, and only Ctrl-C means something. A lab that stood still
// while the clock goes on would measure its own sleep.
func Supervise(args []string) (ran bool, code int, err error) { return supervise(args) }
