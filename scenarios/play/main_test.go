package play

import (
	"os"
	"testing"

	"flowlab/internal/need"
)

// This package's tests measure how right a verdict is, in real time.
func TestMain(m *testing.M) { os.Exit(need.Alone(m)) }
