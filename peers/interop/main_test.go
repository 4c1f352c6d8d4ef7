package interop

import (
	"os"
	"testing"

	"flowlab/internal/need"
)

// This package's tests keep the machine busy.
func TestMain(m *testing.M) { os.Exit(need.Beside(m)) }
