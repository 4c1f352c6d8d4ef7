package need

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

// Alone runs the tests of a package, from its TestMain, while none run of the
// packages that call Alone or Beside. It is for those that measure how right a
// verdict is in real time: on a machine with few processors, tests of other
// packages would take from them the time that they measure.
func Alone(m *testing.M) (code int) { return locked(m, true) }

// Beside runs the tests of a package, from its TestMain, while none run of the
// packages that call Alone. It is for those that keep the machine busy.
func Beside(m *testing.M) (code int) { return locked(m, false) }

// locked runs the tests with the machine's lock. Without one, where it cannot be
// had, they run all the same; and short tests measure nothing.
func locked(m *testing.M, alone bool) int {
	flag.Parse()
	for _, other := range []string{"test.list", "test.fuzz"} {
		if testing.Short() || flag.Lookup(other).Value.String() != "" {
			return m.Run()
		}
	}
	file, err := os.OpenFile(filepath.Join(os.TempDir(), "flowlab-tests.lock"), os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return m.Run()
	}
	defer file.Close() // which unlocks
	lock(file, alone)
	return m.Run()
}
