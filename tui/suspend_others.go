//go:build !unix

package tui

// suspend does nothing: there are no jobs to stop.
func (s *screen) suspend() error { return nil }
