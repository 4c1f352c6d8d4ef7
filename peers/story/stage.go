package story

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// Stage is what a story is told on. Its methods may be called from any goroutine.
type Stage struct {
	story  *Story
	folder string
	begun  time.Time
	say    func(Line)

	mu       sync.Mutex
	result   Result
	ends     []func() // in the order in which they were registered
	finished bool
}

// Line is what the story says at a time since it began.
type Line struct {
	At   time.Duration
	Text string
}

// Figure is a number that was measured.
type Figure struct {
	At    time.Duration
	Name  string // such as lag, heap, zero-window time
	Value float64
	Unit  string // messages, bytes, s
}

// Check is what the story promises, and what was found.
type Check struct {
	Text   string
	Passed bool
	Found  string
}

// Result is what came of a story.
type Result struct {
	Story   *Story
	Length  time.Duration
	Lines   []Line
	Figures []Figure
	Checks  []Check
	Watched []*Watched
	Err     error // why it failed; nil if it was told to its end
	Passed  bool  // it was told to its end, and every check passed
}

// Folder is an empty folder that is removed with the story.
func (s *Stage) Folder() string { return s.folder }

// Say says a line.
func (s *Stage) Say(format string, args ...any) {
	l := Line{At: time.Since(s.begun), Text: fmt.Sprintf(format, args...)}
	s.mu.Lock()
	s.result.Lines = append(s.result.Lines, l)
	s.mu.Unlock()
	if s.say != nil {
		s.say(l)
	}
}

// Figure enters a number that was measured now.
func (s *Stage) Figure(name string, value float64, unit string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.result.Figures = append(s.result.Figures, Figure{At: time.Since(s.begun), Name: name, Value: value, Unit: unit})
}

// Check enters whether a promise was kept, with what was found.
func (s *Stage) Check(passed bool, text, found string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.result.Checks = append(s.result.Checks, Check{Text: text, Passed: passed, Found: fmt.Sprintf(found, args...)})
}

// The ports that stories listen on lie below those that Linux, and IANA, give to connections
// by themselves (RFC 6335 6; ip_local_port_range): one of these may be taken at any time.
const firstPort, lastPort = 10_240, 32_767

// Port returns a port of the loopback interface on which nothing listens.
func (s *Stage) Port() (port uint16, err error) {
	const attempts = 100
	for range attempts {
		port = uint16(firstPort + rand.IntN(lastPort-firstPort+1))
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("find a free port in %d tries: %w", attempts, err)
}

// AtEnd has something done when the story is over; the last comes first.
func (s *Stage) AtEnd(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.finished {
		go do() // it came too late, and must be done all the same
		return
	}
	s.ends = append(s.ends, do)
}

// end ends all that was begun, and returns the result.
func (s *Stage) end() *Result {
	s.mu.Lock()
	ends := s.ends
	s.ends, s.finished = nil, true
	s.mu.Unlock()
	for i := len(ends) - 1; i >= 0; i-- {
		ends[i]()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.result
	r.Story, r.Length, r.Passed = s.story, time.Since(s.begun), true
	for _, c := range r.Checks {
		r.Passed = r.Passed && c.Passed
	}
	return &r
}
