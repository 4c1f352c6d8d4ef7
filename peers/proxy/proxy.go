package proxy

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// Hop is where a proxy listens and what it passes on to.
type Hop struct {
	Listen netip.AddrPort
	From   netip.Addr // that it connects from
	Server netip.AddrPort
}

// Kind is a proxy that there is.
type Kind struct {
	Name          string // of the program
	configuration *template.Template
	args          func(dir, file string) []string
}

// Command is a program and its arguments. It stays in the foreground, in one process, and
// ends at SIGTERM.
type Command struct {
	Name string
	Args []string
}

// Nginx is nginx with ngx_http_grpc_module: HTTP/2 on both sides, and each request passed
// on while its body arrives.
var Nginx = Kind{
	Name: "nginx",
	configuration: configuration("nginx", `daemon off;
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
	server {
		listen {{.Listen}} http2;
		location / {
			grpc_pass grpc://{{.Server}};
			grpc_bind {{.From}};
		}
	}
}
`),
	args: func(dir, file string) []string { return []string{"-p", dir, "-e", "stderr", "-c", file} },
}

// HAProxy is HAProxy in HTTP mode, with HTTP/2 on both sides.
var HAProxy = Kind{
	Name: "haproxy",
	configuration: configuration("haproxy", `global
	nbthread 1
defaults
	mode http
	timeout connect 5s
	timeout client 1m
	timeout server 1m
frontend front
	bind {{.Listen}} proto h2
	default_backend back
backend back
	source {{.From}}
	server server {{.Server}} proto h2
`),
	args: func(_, file string) []string { return []string{"-db", "-f", file} },
}

func configuration(name, text string) *template.Template {
	return template.Must(template.New(name).Parse(text))
}

// Command writes the configuration of a hop to a folder that is the proxy's own, and
// returns what to run.
func (k Kind) Command(h Hop, dir string) (Command, error) {
	var text strings.Builder
	err := k.configuration.Execute(&text, struct {
		Hop
		Dir string
	}{h, dir})
	if err != nil {
		return Command{}, fmt.Errorf("configure %s: %w", k.Name, err)
	}
	file := filepath.Join(dir, k.Name+".conf")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return Command{}, fmt.Errorf("configure %s: %w", k.Name, err)
	}
	return Command{Name: k.Name, Args: k.args(dir, file)}, nil
}
