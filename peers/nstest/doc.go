// Package nstest is for tests: it runs programs in a network namespace that has only
// loopback, and captures what they send to each other.
//
//	s := nstest.New(t)
//	server := s.Start(nstest.Program{Name: "nghttpd", Args: []string{"--no-tls", "8080"}, Port: 8080})
//	capture := s.Capture()
//	s.Run("nghttp", "http://127.0.0.1:8080/")
//	file := capture.File() // a pcap file, with all that was sent until now
//	server.Stop()
//
// Nothing leaves the namespace, and nothing outside is seen in it, so every test may use
// the same ports. It has no name, and is gone when the test's process and all programs in
// it have ended. A program ends with the test at the latest, and within
// [Program.For] even if the test's process is killed.
//
// Whether a server listens is asked of the kernel, and not by connecting to it, which the
// capture would show.
//
// It needs root, tcpdump and timeout(1). On systems other than Linux there is nothing in
// it.
package nstest
