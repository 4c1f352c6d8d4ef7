package doctor

import (
	"os"
	"runtime"
	"testing"

	"flowlab/internal/need"
)

// Whatever is not ok says what mends it; and nothing that is needed is missing where
// it is known to be there.
func TestRun(t *testing.T) {
	for _, c := range Run() {
		if c.Group == "" || c.Name == "" || c.Says == "" {
			t.Errorf("an incomplete check: %+v", c)
		}
		if (c.Mend == "") != (c.Status == OK) {
			t.Errorf("%s is %s, and %q mends it", c.Name, c.Status, c.Mend)
		}
		if need.Required() && runtime.GOOS == "linux" && os.Geteuid() == 0 && c.Status == Missing {
			t.Errorf("%s is missing: %s", c.Name, c.Says)
		}
	}
}
