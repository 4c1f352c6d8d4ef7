package nginx

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"

	"flowlab/peers/story"
)

// The sizes that nginx is configured with, in bytes.
const (
	socketBuffer = 128 << 10 // of its sockets on the client's side; Linux makes it twice as much
	headBuffer   = 16 << 10  // proxy_buffer_size
	buffers      = 16        // proxy_buffers, of 16 KiB
	bodyBuffer   = 64 << 10  // client_body_buffer_size
	onDisk       = 32 << 20  // proxy_max_temp_file_size
	diskWrite    = 64 << 10  // proxy_temp_file_write_size
)

// configuration is nginx in the foreground, as one process, with two locations: /on has
// all buffering, /off none.
var configuration = template.Must(template.New("nginx").Parse(`daemon off;
master_process off;
pid {{.Dir}}/pid;
error_log stderr;
events {}
http {
	access_log off;
	client_max_body_size 0;
	client_body_temp_path {{.Dir}}/body;
	proxy_temp_path {{.Dir}}/proxy;
	fastcgi_temp_path {{.Dir}}/fastcgi;
	uwsgi_temp_path {{.Dir}}/uwsgi;
	scgi_temp_path {{.Dir}}/scgi;
	proxy_http_version 1.1;
	proxy_buffer_size {{.Head}};
	proxy_buffers {{.Buffers}} {{.Head}};
	proxy_busy_buffers_size {{.Busy}};
	proxy_max_temp_file_size {{.OnDisk}};
	proxy_temp_file_write_size {{.DiskWrite}};
	client_body_buffer_size {{.Body}};
	server {
		listen 127.0.0.1:{{.Listen}} sndbuf={{.Socket}} rcvbuf={{.Socket}};
		location /on {
			proxy_pass http://127.0.0.1:{{.Origin}};
		}
		location /off {
			proxy_buffering off;
			proxy_request_buffering off;
			proxy_pass http://127.0.0.1:{{.Origin}};
		}
	}
}
`))

// start runs nginx between two ports, and waits until it listens.
func start(ctx context.Context, s *story.Stage, listen, origin uint16) error {
	var text strings.Builder
	err := configuration.Execute(&text, map[string]any{
		"Dir": s.Folder(), "Listen": listen, "Origin": origin,
		"Head": headBuffer, "Buffers": buffers, "Busy": 2 * headBuffer,
		"OnDisk": onDisk, "DiskWrite": diskWrite, "Body": bodyBuffer, "Socket": socketBuffer,
	})
	if err != nil {
		return fmt.Errorf("configure nginx: %w", err)
	}
	file := filepath.Join(s.Folder(), "nginx.conf")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return fmt.Errorf("configure nginx: %w", err)
	}
	process, err := s.Start(exec.Command("nginx", "-p", s.Folder(), "-e", "stderr", "-c", file))
	if err != nil {
		return err
	}
	return process.Listens(ctx, fmt.Sprintf("127.0.0.1:%d", listen))
}
