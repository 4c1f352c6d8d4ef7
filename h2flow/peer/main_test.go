package peer

import (
	"os"
	"testing"

	"flowlab/internal/need"
)

func TestMain(m *testing.M) { os.Exit(need.Beside(m)) }
