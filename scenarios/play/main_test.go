package play

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"testing"

	"flowlab/internal/need"
)

// This package's tests measure how right a verdict is, in real time.
func TestMain(m *testing.M) {
	flag.Parse()
	if !testing.Short() {
		atOnce(2 * runtime.GOMAXPROCS(0))
	}
	os.Exit(need.Alone(m))
}

// atOnce lets more tests run side by side than there are processors, as a lab takes a
// fifth of one. The race detector's, which are short, take more.
func atOnce(n int) {
	if f := flag.Lookup("test.parallel"); f.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		_ = flag.Set(f.Name, strconv.Itoa(n))
	}
}
