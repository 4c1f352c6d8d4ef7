package tlsrec

import "fmt"

// Alert is how a side ends its direction, or says what went wrong (RFC 8446 6).
type Alert struct {
	Fatal       bool
	Description uint8 // 0 is close_notify: the side sends no more
}

// CloseNotify tells whether the alert is the orderly end of a direction.
func (a Alert) CloseNotify() bool { return a.Description == 0 }

func (a Alert) String() string {
	if name, ok := alertNames[a.Description]; ok {
		return name
	}
	return fmt.Sprintf("alert %d", a.Description)
}

var alertNames = map[uint8]string{
	0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac",
	22: "record_overflow", 40: "handshake_failure", 42: "bad_certificate",
	43: "unsupported_certificate", 44: "certificate_revoked",
	45: "certificate_expired", 46: "certificate_unknown",
	47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied",
	50: "decode_error", 51: "decrypt_error", 70: "protocol_version",
	71: "insufficient_security", 80: "internal_error",
	86: "inappropriate_fallback", 90: "user_canceled", 100: "no_renegotiation",
	109: "missing_extension", 110: "unsupported_extension",
	112: "unrecognized_name", 113: "bad_certificate_status_response",
	115: "unknown_psk_identity", 116: "certificate_required",
	120: "no_application_protocol",
}

// readAlert takes the alert out of the content of a record. In TLS 1.3 the level
// means nothing: what is neither an orderly end nor a cancelling is fatal.
func readAlert(v Version, b []byte) (Alert, bool) {
	if len(b) != 2 {
		return Alert{}, false
	}
	a := Alert{Fatal: b[0] == 2, Description: b[1]}
	if v == VersionTLS13 {
		a.Fatal = b[1] != 0 && b[1] != 90
	}
	return a, true
}
