// Package peers is the vocabulary of real HTTP/2 systems as guests of a lab: what a
// client asks of a server, what the server does with it, and what their applications
// have written and read. Package peers/nethttp has net/http, package peers/grpcgo has
// grpc-go, each as it comes, with its own options, over the listeners and connections
// that the caller gives:
//
//	var answers peers.Answers
//	answers.Set("/unread", peers.Answer{When: peers.Never})
//	server := nethttp.Serve(listener, http.HTTP2Config{}, &answers)
//	client := nethttp.NewClient(dial, nethttp.ClientOptions{})
//	call := client.Open(peers.Call{Path: "/unread", Content: peers.Content{Bytes: peers.Endless, Rate: peers.Unlimited}})
//
// A [Party] is the application at one end of one call. Its rates can be turned while it
// runs, it can be cancelled, and it keeps an account. What the account calls written the
// library has accepted: it may still wait in the library, in the socket, or on the way.
// What it calls read the application has taken: more may wait to be read. The windows
// are the library's own business, and only packets tell of them.
package peers
