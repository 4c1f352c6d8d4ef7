package sockets

import "testing"

func TestPlace(t *testing.T) {
	const id = "4f1d2e3c4b5a69788796a5b4c3d2e1f04f1d2e3c4b5a69788796a5b4c3d2e1f0"
	for _, c := range []struct{ name, text, group, container string }{
		{"none", "", "", ""},
		{"cgroup2", "0::/user.slice/user-0.slice/session-1.scope\n", "/user.slice/user-0.slice/session-1.scope", ""},
		{"both", "12:cpu:/a\n1:name=systemd:/b\n0::/c\n", "/c", ""},
		{"docker", "0::/system.slice/docker-" + id + ".scope\n", "/system.slice/docker-" + id + ".scope", id[:12]},
		{"kubernetes", "0::/kubepods/burstable/pod1/" + id + "\n", "/kubepods/burstable/pod1/" + id, id[:12]},
		{"old", "4:memory:/docker/" + id + "\n", "/docker/" + id, id[:12]},
	} {
		var p Process
		p.place(c.text)
		if p.CGroup != c.group || p.Container != c.container {
			t.Errorf("%s: %q in %q, want %q in %q", c.name, p.Container, p.CGroup, c.container, c.group)
		}
	}
}
