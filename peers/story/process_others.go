//go:build !unix

package story

import "os/exec"

// There are no process groups here: only the process itself is ended.
func ownGroup(*exec.Cmd)      {}
func terminate(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
func awaitGroup(*exec.Cmd)    {}
