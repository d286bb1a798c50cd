package camera

import (
	"cmp"
	"strings"
)

// naturally compares names as people count: "gate 2" stands before "gate 10".
func naturally(a, b string) int {
	for a != "" && b != "" {
		na, restA := leadingNumber(a)
		nb, restB := leadingNumber(b)
		if na != "" && nb != "" {
			// Without leading zeros the longer number is the larger one.
			ta, tb := strings.TrimLeft(na, "0"), strings.TrimLeft(nb, "0")
			if c := cmp.Or(cmp.Compare(len(ta), len(tb)), strings.Compare(ta, tb)); c != 0 {
				return c
			}
			a, b = restA, restB
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func leadingNumber(s string) (digits, rest string) {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return s[:n], s[n:]
}

// inLine is the order in which people see cameras: what hangs on one recorder stands together, by its channels, as on the
// recorder's own screen; everything else by name.
func inLine(a, b View) int {
	return cmp.Or(
		naturally(a.lineName(), b.lineName()),
		cmp.Compare(a.Device, b.Device),
		cmp.Compare(a.Channel, b.Channel),
		naturally(a.Name, b.Name),
		cmp.Compare(a.ID, b.ID),
	)
}

func (v View) lineName() string {
	if v.DeviceKind == KindRecorder {
		return v.DeviceName
	}
	return v.Name
}
