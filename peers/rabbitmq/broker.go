// How the installed RabbitMQ is run beside whatever else runs on the machine.

package rabbitmq

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"flowlab/peers/story"
)

// bootsWithin is how long the broker may take to start: it took 15 to 40 s on two busy
// processors.
const bootsWithin = 2 * time.Minute

// server is a broker of ours.
type server struct {
	stage   *story.Stage
	scripts string // folder of RabbitMQ's own, which unlike Debian's wrapper run as anybody
	env     []string
}

// start starts a broker on a port of loopback.
func start(ctx context.Context, s *story.Stage, port uint16, plugins ...string) (*server, error) {
	wrapper, err := exec.LookPath("rabbitmq-server")
	if err != nil {
		return nil, fmt.Errorf("find RabbitMQ: %w", err)
	}
	if wrapper, err = filepath.EvalSymlinks(wrapper); err != nil {
		return nil, fmt.Errorf("find RabbitMQ: %w", err)
	}
	b := &server{stage: s, scripts: filepath.Dir(wrapper)}
	var ports [3]uint16 // of epmd, of the broker for rabbitmqctl, and of rabbitmqctl itself
	for i := range ports {
		if ports[i], err = s.Port(); err != nil {
			return nil, err
		}
	}
	if err := b.configure(port, ports, plugins); err != nil {
		return nil, fmt.Errorf("configure RabbitMQ: %w", err)
	}
	epmd := exec.Command("epmd", "-port", fmt.Sprint(ports[0]), "-address", "127.0.0.1")
	epmd.Env = b.env
	names, err := s.Start(epmd)
	if err != nil {
		return nil, err
	}
	booting, cancel := context.WithTimeout(ctx, bootsWithin)
	defer cancel()
	if err := names.Listens(booting, fmt.Sprintf("127.0.0.1:%d", ports[0])); err != nil {
		return nil, err
	}
	process, err := s.Start(b.command("rabbitmq-server"))
	if err != nil {
		return nil, err
	}
	return b, process.Listens(booting, fmt.Sprintf("127.0.0.1:%d", port))
}

// configure writes the broker's files, and makes the environment that names them. All of
// them are its own, so that nothing of an installed broker's is read or written.
func (b *server) configure(port uint16, ports [3]uint16, plugins []string) error {
	home := filepath.Join(b.stage.Folder(), "rabbitmq")
	if err := os.MkdirAll(filepath.Join(home, "conf.d"), 0o700); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"rabbitmq.conf": fmt.Sprintf("listeners.tcp.1 = 127.0.0.1:%d\nlog.console.level = warning\n"+
			"disk_free_limit.absolute = 1MB\n", port), // whose alarm would be another story
		"advanced.config": "[].\n",
		"plugins":         "[" + strings.Join(plugins, ",") + "].\n",
	} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "RABBITMQ_") && !strings.HasPrefix(v, "ERL_") {
			b.env = append(b.env, v)
		}
	}
	const loopback = "-kernel inet_dist_use_interface {127,0,0,1}" // which otherwise is all
	b.env = append(b.env,
		"HOME="+home, // of the cookie
		"RABBITMQ_NODENAME=flowlab@localhost",
		"RABBITMQ_CONF_ENV_FILE="+filepath.Join(home, "none"),
		"RABBITMQ_CONFIG_FILE="+filepath.Join(home, "rabbitmq.conf"),
		"RABBITMQ_CONFIG_FILES="+filepath.Join(home, "conf.d"),
		"RABBITMQ_ADVANCED_CONFIG_FILE="+filepath.Join(home, "advanced.config"),
		"RABBITMQ_ENABLED_PLUGINS_FILE="+filepath.Join(home, "plugins"),
		"RABBITMQ_MNESIA_BASE="+filepath.Join(home, "data"),
		"RABBITMQ_LOG_BASE="+filepath.Join(home, "log"),
		"RABBITMQ_LOGS=-",
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+loopback+" -start_epmd false",
		"RABBITMQ_CTL_ERL_ARGS="+loopback,
		"ERL_EPMD_ADDRESS=127.0.0.1",
		fmt.Sprintf("ERL_EPMD_PORT=%d", ports[0]),
		fmt.Sprintf("RABBITMQ_DIST_PORT=%d", ports[1]),
		fmt.Sprintf("RABBITMQ_CTL_DIST_PORT_MIN=%d", ports[2]),
		fmt.Sprintf("RABBITMQ_CTL_DIST_PORT_MAX=%d", ports[2]))
	return nil
}

func (b *server) command(script string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(b.scripts, script), args...)
	cmd.Env = b.env
	return cmd
}

// control runs rabbitmqctl, which takes some 3 s.
func (b *server) control(ctx context.Context, args ...string) error {
	p, err := b.stage.Start(b.command("rabbitmqctl", args...))
	if err != nil {
		return err
	}
	return p.Wait(ctx)
}
