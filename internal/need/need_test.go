package need

import "testing"

// verdict records what a guard decided, and stops the test as it would.
type verdict struct {
	testing.TB
	skipped, failed string
}

func (v *verdict) Helper()           {}
func (v *verdict) Skip(args ...any)  { v.skipped = args[0].(string); panic(v) }
func (v *verdict) Fatal(args ...any) { v.failed = args[0].(string); panic(v) }

func ask(name string) (v verdict) {
	defer func() { _ = recover() }()
	Program(&v, name)
	return v
}

func TestProgram(t *testing.T) {
	const absent, says = "no-such-program", "no-such-program is not installed: apt-get install no-such-program"

	t.Setenv("FLOWLAB_PEERS", "")
	if v := ask(absent); v.skipped != says || v.failed != "" {
		t.Errorf("skipped %q, failed %q, want to skip with %q", v.skipped, v.failed, says)
	}
	t.Setenv("FLOWLAB_PEERS", "required")
	if v := ask(absent); v.failed != says || v.skipped != "" {
		t.Errorf("skipped %q, failed %q, want to fail with %q", v.skipped, v.failed, says)
	}
	if v := ask("go"); v.skipped != "" || v.failed != "" {
		t.Errorf("go is there, yet skipped %q, failed %q", v.skipped, v.failed)
	}
}
