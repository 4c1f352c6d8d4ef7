package rsocket

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"flowlab/peers/story"
)

// program starts one of js, whose standard input stays open until the story is over.
func program(s *story.Stage, modules, name string, out io.Writer, args ...int) (*story.Process, io.WriteCloser, error) {
	cmd := exec.Command("node", filepath.Join(s.Folder(), name))
	for _, a := range args {
		cmd.Args = append(cmd.Args, strconv.Itoa(a))
	}
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	cmd.Stdout = out
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, fmt.Errorf("talk to %s: %w", name, err)
	}
	process, err := s.Start(cmd)
	return process, in, err
}

// report is what the client says of itself, in messages.
type report struct {
	Received  int64 `json:"received"`
	Processed int64 `json:"processed"`
	Requested int64 `json:"requested"`
	Waiting   int64 `json:"waiting"`
	Complete  bool  `json:"complete"`
	RSS       int64 `json:"rss"` // bytes
}

// client is client.js while it runs.
type client struct {
	*story.Process
	in io.WriteCloser

	mu     sync.Mutex
	last   report
	most   int64 // that waited
	broken error
}

// ask starts a client, which requests some messages at first, and more as it goes on.
func ask(s *story.Stage, modules string, port uint16, first, more int) (*client, error) {
	c := new(client)
	var err error
	out := story.NewLines(func(line []byte) { c.take(s, line) })
	c.Process, c.in, err = program(s, modules, "client.js", out, int(port), first, more)
	return c, err
}

func (c *client) take(s *story.Stage, line []byte) {
	var r report
	err := json.Unmarshal(line, &r)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.broken = fmt.Errorf("report %q: %w", line, err)
		return
	}
	c.last, c.most = r, max(c.most, r.Waiting)
	s.Figure("waiting in the client", float64(r.Waiting), "messages")
	s.Figure("memory of the client", float64(r.RSS), "bytes")
}

// now is the latest report, and the most that waited.
func (c *client) now() (r report, most int64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last, c.most, c.broken
}

// setRate is how many messages it processes a second. A client that has ended has no rate,
// and its end is seen elsewhere.
func (c *client) setRate(rate int) { _, _ = fmt.Fprintln(c.in, rate) }

// until waits until a report is as wanted.
func (c *client) until(ctx context.Context, wanted func(report) bool) (report, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		r, _, err := c.now()
		if err != nil || wanted(r) {
			return r, err
		}
		select {
		case <-ctx.Done():
			return r, ctx.Err()
		case <-c.Ended():
			return r, fmt.Errorf("the client has ended: %w", c.Wait(ctx))
		case <-tick.C:
		}
	}
}

// end has the client cancel and end.
func (c *client) end(ctx context.Context) error {
	c.in.Close()
	return c.Wait(ctx)
}
