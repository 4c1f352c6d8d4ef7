package jdk

import (
	"os"
	"testing"
	"time"

	"flowlab/internal/need"
	"flowlab/peers/storytest"
)

func TestMain(m *testing.M) { os.Exit(need.Beside(m)) }

func TestStories(t *testing.T) {
	if testing.Short() {
		t.Skip("runs java for seconds")
	}
	need.Program(t, "javac")
	storytest.Keep(t, Stories(), time.Minute)
}

func TestInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("runs java for seconds")
	}
	need.Program(t, "javac")
	storytest.InterruptStory(t, Stories()[0])
}
