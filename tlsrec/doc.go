// Package tlsrec reads captured TLS connections: from the bytes of both directions
// and the secrets of a key log it makes the plaintext that the applications sent.
//
// A passive reader takes part in nothing. It needs the secrets that one of the two
// ends wrote to a file (SSLKEYLOGFILE, draft-ietf-tls-keylogfile), which [Keys]
// reads while it grows, and the connection from its first byte: the random of the
// ClientHello is what a key log names a session by.
//
//	keys := tlsrec.NewKeys()
//	keys.Write(keyLog)
//	conn := tlsrec.NewConn(keys)
//	for each piece of the connection, in order of time {
//		conn.Write(side, bytes) // or conn.Gap(side, n)
//		for _, side := range {flow.Client, flow.Server} {
//			for p, ok := conn.Next(side); ok; p, ok = conn.Next(side) {
//				use(p.Data) // of the record at bytes p.Start to p.End of the side
//			}
//		}
//	}
//
// A [Conn] is pure: it has no clock, does no I/O, and for the records of an
// application it allocates nothing. Whatever it is fed, it neither fails nor grows
// beyond [MaxHeld] by much; what it cannot read it calls [Opaque], and
// [Conn.Problem] says why in a sentence.
//
// # What is read
//
// TLS 1.3 (RFC 8446) with AES-GCM and ChaCha20-Poly1305: records (5), their keys
// and the changes of them (7), HelloRetryRequest (4.1.4), 0-RTT data (2.3),
// KeyUpdate (4.6.3), and all that may stand between, such as session tickets and
// the ChangeCipherSpec of compatibility (D.4). 0-RTT data that the server refused
// are passed over, as it did.
//
// TLS 1.2 (RFC 5246) with the same ciphers (RFC 5288, 7905), whatever the key
// exchange, with and without resumption (RFC 5077) and the extended master secret
// (RFC 7627).
//
// Of every connection, with keys or without: version, suite, the name of the
// server, the protocols that the client offers, and in TLS 1.2 the one that was
// selected.
//
// # What is not
//
// Older versions, CBC, RC4 and CCM, compression, renegotiation; a session whose
// hellos the capture missed; a resumed session of TLS 1.2 whose secret is logged
// only for the session that it resumes, as Go's crypto/tls does; Encrypted ClientHello (RFC 9849), where a key log
// names the session by a random that is itself encrypted: it ends as [NoKeys].
//
// # Keys that come late, or not at all
//
// Records whose secret is not there are held back and read once it comes. Whether
// it will come cannot be known, so the direction is [WaitingForKeys] until more
// than [MaxHeld] bytes are held. A key log with the secrets of one side shows that
// side. If it lacks the secret of an epoch but has that of a later one, what the
// first protects is passed over. Without the secret of the server's handshake it
// is not known whether 0-RTT data were accepted: they are read as if they were.
//
// # Missing and corrupt bytes
//
// The nonce of a record is its number (RFC 8446 5.3), so a reader that lost some
// must find out how many. A gap within one record costs that record only. After a
// longer one, the next record is looked for by its header, and its number among
// those that the missing bytes leave room for, also under the keys that follow by
// then; only the right number authenticates. A record that does not authenticate
// though others did is passed over, up to four in a row. Wherever plaintext is
// missing, the next that comes says so ([Plain].Lost).
package tlsrec
