package peers_test

import (
	"os"
	"testing"

	"flowlab/internal/need"
)

// This package's tests hold verdicts to real time.
func TestMain(m *testing.M) { os.Exit(need.Alone(m)) }
