package ledger

import (
	"encoding/hex"
	"errors"
	"fmt"

	"linli.dev/linli/store"
)

// mark is what the database knows of the log: its size and root once, sealed with the machine's secret key. So files and rows that were
// changed alike do not make a new history, not even when every file of the log was taken away before: whoever writes to files and tables alone
// cannot write this.
type mark struct {
	size   int64
	sealed string
}

// known is a mark that was opened.
type known struct {
	size uint64
	root []byte
}

func markContext(origin string) string { return "ledger/mark/" + origin }

func sealMark(v *store.Vault, origin string, k known) (mark, error) {
	b, err := v.Seal(fmt.Appendf(nil, "%d %x", k.size, k.root), markContext(origin))
	return mark{int64(k.size), hex.EncodeToString(b)}, err
}

// mark is that of the log as it is now. Call it with the log open.
func (l *Ledger) mark(state stateRow) (mark, error) {
	k, err := l.log.tree.known()
	if err != nil || int64(k.size) <= state.Size {
		return mark{}, err // it stands there already
	}
	return sealMark(l.opt.Vault, state.Origin, k)
}

var errMark = errors.New("what the database knew of the log was changed there")

// openMark reads a state's mark.
func (l *Ledger) openMark(s stateRow) (known, error) {
	var k known
	sealed, err := hex.DecodeString(s.Mark)
	if err != nil {
		return k, errMark
	}
	plain, err := l.opt.Vault.Open(sealed, markContext(s.Origin))
	if err != nil {
		return k, fmt.Errorf("%w (%w)", errMark, err)
	}
	if n, err := fmt.Sscanf(string(plain), "%d %x", &k.size, &k.root); n != 2 || err != nil || int64(k.size) != s.Size {
		return k, errMark
	}
	return k, nil
}
