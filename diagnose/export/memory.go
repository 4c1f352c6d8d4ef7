package export

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"sync"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/flow"
)

// UsualMemory is how many bytes of packets a [Memory] keeps where nobody says.
const UsualMemory = 64 << 20

// Memory keeps the latest packets of a source that lasts, for connections to be
// exported from. Its methods may be called from several goroutines: an export reads what
// was kept when it began, however slowly, and nobody waits for it.
type Memory struct {
	mu         sync.Mutex
	recent     *capture.Recent
	interfaces []capture.Interface
}

// NewMemory returns a memory of so many bytes of packets, [UsualMemory] as a rule. While
// an export is under way there may be twice as many.
func NewMemory(bytes int64) *Memory { return &Memory{recent: capture.NewRecent(bytes, 0)} }

// AddInterface adds an interface whose packets may follow.
func (m *Memory) AddInterface(i capture.Interface) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.interfaces = append(m.interfaces, i)
}

// Keep copies a packet of a connection. Its frame is the number by which the analysis
// knows it.
func (m *Memory) Keep(k capture.Kept) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.recent.Keep(k)
}

// Since is the time of the oldest packet that is kept, false if there is none.
func (m *Memory) Since() (since flow.Time, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.recent.Oldest()
}

// Export writes the packets of some connections that are kept, with what their views
// conclude, as pcapng. The file's comment says where packets are missing because they
// were forgotten.
func (m *Memory) Export(w io.Writer, views []*diagnose.View) (Written, error) {
	m.mu.Lock()
	kept := m.recent.List()
	since, _ := m.recent.Oldest()
	interfaces := slices.Clone(m.interfaces)
	m.mu.Unlock()

	buffered := bufio.NewWriterSize(w, 64<<10)
	to, err := capture.NewWriter(buffered, nil, comment(views, interfaces, since))
	if err != nil {
		return Written{}, err
	}
	out := excerpt{to: to, notes: newNotes(views), known: map[int]int{}}
	for k := range kept {
		if !slices.ContainsFunc(views, func(v *diagnose.View) bool { return v.Number == k.Connection }) {
			continue
		}
		if err := out.write(k, interfaces[k.Interface]); err != nil {
			return out.Written, err
		}
	}
	return out.Written, buffered.Flush()
}

// comment is what is to be said of the file as a whole, of whose packets none before
// since was kept.
func comment(views []*diagnose.View, interfaces []capture.Interface, since flow.Time) string {
	zero := since
	for _, v := range views {
		zero = min(zero, v.Start)
	}
	return verdict(views, func(v *diagnose.View) string {
		text := fmt.Sprintf(" as seen at %s", interfaces[v.Interface].Name)
		if v.Start < since {
			text += fmt.Sprintf("; its packets before %s are no longer kept", seconds(since.Sub(zero)))
		}
		return text
	}, zero)
}
