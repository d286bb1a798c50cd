package pairing_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"strings"
	"sync"
	"testing"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// The life of ten thousand yuan: pledged, in place, spent on a gate, made public; a slip corrected on the way.
func TestTheLifeOfMoney(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newHelp(t, db)
		_, err := w.s.Enter(w.ctx, "li", []pairing.Entry{{
			Pairing: w.standing, Kind: pairing.Pledge, Fen: 1_000_000, Due: place.Date(2017, 8, 31), Moment: place.Moment{About: w.today()}, Became: "gate",
		}})
		w.must(err)
		spend := func(fen int64, about place.Day, sort place.Sort, n int) (pairing.Entry, error) {
			list, err := w.s.Enter(w.ctx, "wang", []pairing.Entry{{
				Pairing: w.standing, Kind: pairing.Spend, Fen: fen, Moment: place.Moment{About: about}, Became: sort, Number: n, Note: "更换大门",
			}})
			if err != nil {
				return pairing.Entry{}, err
			}
			return list[0], nil
		}
		_, err = spend(1, w.today(), "gate", 1)
		w.refused("pairing.spend.above", err)
		w.on(place.Date(2017, 9, 10))
		views, err := w.s.Views(w.ctx, w.clock().AtClose(w.today()), "", w.weak)
		w.must(err)
		if v := views[0]; v.Overdue != 1_000_000 || v.NextDue != 0 || v.CompoundName == "" || v.Money[0].Became != "" {
			t.Errorf("%+v", v)
		}
		got, err := w.enter(pairing.Receipt, 1_000_000)
		w.must(err)
		_, err = spend(600_000, place.Date(2017, 9, 9), "gate", 1)
		w.refused("pairing.spend.above", err) // nothing was there the day before
		_, err = spend(600_000, w.today(), "guard", 1)
		w.refused("pairing.field.became", err)
		_, err = spend(600_000, w.today(), "", 3)
		w.refused("pairing.field.number", err)
		gate, err := spend(600_000, w.today(), "gate", 1)
		w.must(err)
		_, err = spend(400_001, w.today(), "light", 4)
		w.refused("pairing.spend.above", err)
		_, err = w.s.Reverse(w.ctx, "li", got.ID, w.today(), "错记")
		w.refused("pairing.reverse.spent", err)
		// Two in one list are two: what is left counts down within it.
		_, err = w.s.Enter(w.ctx, "wang", []pairing.Entry{
			{Pairing: w.standing, Kind: pairing.Spend, Fen: 300_000, Moment: place.Moment{About: w.today()}, Note: "路灯"},
			{Pairing: w.standing, Kind: pairing.Spend, Fen: 300_000, Moment: place.Moment{About: w.today()}, Note: "路灯"},
		})
		w.refused("pairing.spend.above", err)

		w.on(place.Date(2017, 9, 15))
		_, err = w.s.Disclose(w.ctx, "wang", w.standing, []pairing.EntryID{got.ID}, w.today(), "")
		w.refused("pairing.disclose.no-spend", err)
		_, err = w.s.Disclose(w.ctx, "wang", w.standing, []pairing.EntryID{gate.ID}, place.Date(2017, 9, 9), "")
		w.refused("pairing.disclose.earlier", err)
		said, err := w.s.Disclose(w.ctx, "wang", w.standing, []pairing.EntryID{gate.ID}, w.today(), "小区公示栏")
		w.must(err)
		_, err = w.s.Disclose(w.ctx, "wang", w.standing, []pairing.EntryID{gate.ID}, w.today(), "")
		w.refused("pairing.disclose.twice", err)
		_, err = w.s.Reverse(w.ctx, "li", gate.ID, w.today(), "发票有误")
		w.refused("pairing.reverse.disclosed", err)
		whole, err := w.s.Whole(w.ctx, w.clock().AtClose(w.today()), w.standing)
		w.must(err)
		if whole.Sums != (pairing.Sums{Pledged: 1_000_000, Received: 1_000_000, Spent: 600_000, Disclosed: 600_000}) {
			t.Errorf("%+v", whole.Sums)
		}

		w.on(place.Date(2017, 9, 20))
		_, err = w.s.Reverse(w.ctx, "li", said[0].ID, w.today(), "公示金额有误")
		w.must(err)
		_, err = w.s.Reverse(w.ctx, "li", gate.ID, w.today(), "发票有误")
		w.must(err)
		_, err = spend(1_000_000, w.today(), "gate", 2)
		w.must(err)
		// The past stays what it was.
		then, err := w.s.Whole(w.ctx, w.clock().AtClose(place.Date(2017, 9, 15)), w.standing)
		w.must(err)
		if then.Sums != whole.Sums || len(then.Money) != len(whole.Money) {
			t.Errorf("%+v, was %+v", then.Sums, whole.Sums)
		}
	})
}

// Twenty hands at once at a pot of ten: ten get something, on both databases.
func TestManySpendAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newHelp(t, db)
		w.on(place.Date(2017, 9, 10))
		_, err := w.enter(pairing.Receipt, 1000)
		w.must(err)
		var wait sync.WaitGroup
		errs := make([]error, 20)
		for i := range errs {
			wait.Go(func() {
				_, errs[i] = w.s.Enter(w.ctx, "li", []pairing.Entry{{Pairing: w.standing, Kind: pairing.Spend, Fen: 100, Moment: place.Moment{About: w.today()}, Note: "路灯"}})
			})
		}
		wait.Wait()
		spent := 0
		for _, err := range errs {
			if err == nil {
				spent++
				continue
			}
			w.refused("pairing.spend.above", err)
		}
		whole, err := w.s.Whole(w.ctx, w.clock().AtClose(w.today()), w.standing)
		w.must(err)
		if spent != 10 || whole.Spent != 1000 {
			t.Errorf("%d spent %d", spent, whole.Spent)
		}
	})
}

func TestVouchersAndPhotos(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newHelp(t, db)
		w.on(place.Date(2017, 9, 10))
		receipt, err := w.enter(pairing.Receipt, 1000)
		w.must(err)
		pdf := []byte("%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n")
		sum := sha256.Sum256(pdf)
		f, err := w.s.Attach(w.ctx, "wang", receipt.ID, pairing.Voucher, "到账凭证.pdf", pdf)
		w.must(err)
		if f.Hash != hex.EncodeToString(sum[:]) || f.Sent != f.Hash || f.Media != "application/pdf" {
			t.Errorf("%+v", f)
		}
		got, err := w.s.Bytes(w.ctx, &f)
		w.must(err)
		if !bytes.Equal(got, pdf) {
			t.Error("another file came back")
		}
		var picture bytes.Buffer
		w.must(png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 30, 20))))
		attach := func(e pairing.EntryID, kind pairing.FileKind, name string, b []byte) error {
			_, err := w.s.Attach(w.ctx, "wang", e, kind, name, b)
			return err
		}
		w.refused("pairing.file.twice", attach(receipt.ID, pairing.Voucher, "再传.pdf", pdf))
		w.refused("pairing.file.kind", attach(receipt.ID, pairing.Voucher, "a.docx", []byte("PK\x03\x04word")))
		w.refused("pairing.file.broken", attach(receipt.ID, pairing.Voucher, "a.pdf", []byte("%PDF-1.4 cut off")))
		w.refused("pairing.file.spend-only", attach(receipt.ID, pairing.Before, "改造前.png", picture.Bytes()))
		w.refused("pairing.file.large", attach(receipt.ID, pairing.Voucher, "a.pdf", append([]byte("%PDF-"), make([]byte, 10<<20)...)))
		w.refused("pairing.no-entry", attach("none", pairing.Voucher, "a.pdf", pdf))
		w.refused("place.field.phone-number", attach(receipt.ID, pairing.Voucher, "13812345678.png", picture.Bytes()))
		spend, err := w.s.Enter(w.ctx, "wang", []pairing.Entry{{Pairing: w.standing, Kind: pairing.Spend, Fen: 10, Moment: place.Moment{About: w.today()}, Note: "大门"}})
		w.must(err)
		w.refused("pairing.file.photo", attach(spend[0].ID, pairing.After, "改造后.pdf", pdf))
		w.must(attach(spend[0].ID, pairing.After, "改造后.png", picture.Bytes()))
		w.on(place.Date(2017, 9, 12))
		_, err = w.s.Withdraw(w.ctx, "wang", f.ID, "")
		w.refused("place.field.required", err)
		_, err = w.s.Withdraw(w.ctx, "wang", f.ID, "传错")
		w.must(err)
		_, err = w.s.Withdraw(w.ctx, "wang", f.ID, "传错")
		w.refused("pairing.file.withdrawn", err)
		for day, withdrawn := range map[place.Day]bool{place.Date(2017, 9, 11): false, place.Date(2017, 9, 12): true} {
			whole, err := w.s.Whole(w.ctx, w.clock().AtClose(day), w.standing)
			w.must(err)
			if len(whole.Files) != 2 || (whole.Files[0].Withdrawn != nil) != withdrawn {
				t.Errorf("%s: %+v", day, whole.Files)
			}
		}
		// Somebody works on the file behind our back: it is not sent.
		_, err = db.ExecContext(w.ctx, "UPDATE help_file_bytes SET bytes = ? WHERE hash = ?", []byte("%PDF-forged"), f.Hash)
		w.must(err)
		_, err = w.s.Bytes(w.ctx, &f)
		w.refused("pairing.file.changed", err)
	})
}

// Everybody may read where the money went, and cannot learn from it who is helped.
func TestThePublicPageNamesNoCompound(t *testing.T) {
	w := newHelp(t, storetest.SQLite(t))
	w.on(place.Date(2017, 9, 10))
	_, err := w.enter(pairing.Pledge, 777_777)
	w.must(err)
	_, err = w.enter(pairing.Receipt, 500_000)
	w.must(err)
	var ids []pairing.EntryID
	for i, n := range []int{2, 3} {
		list, err := w.s.Enter(w.ctx, "wang", []pairing.Entry{{
			Pairing: w.standing, Kind: pairing.Spend, Fen: 100_000, Moment: place.Moment{About: w.today()}, Note: fmt.Sprint("compound 大门", i), Voucher: "V-9", Became: "gate", Number: n,
		}})
		w.must(err)
		ids = append(ids, list[0].ID)
	}
	_, err = w.s.Disclose(w.ctx, "wang", w.standing, ids, w.today(), "贴在东门")
	w.must(err)
	server := api.New(api.Options{Auth: apitest.Doorman{}})
	w.must(server.Add(w.places, w.s))
	p := apitest.Page{T: t, HTTP: server.Handler()}
	var said string
	p.Do(200, "", "GET", "/api/disclosure", "", &said)
	var pub pairing.Public
	w.must(json.Unmarshal([]byte(said), &pub))
	if pub.Received != 500_000 || pub.Spent != 200_000 || pub.Disclosed != 200_000 || len(pub.Lines) != 2 || len(pub.Units) != 1 || pub.Units[0].Became[0] != (pairing.Became{Sort: "gate", Number: 5, Fen: 200_000}) {
		t.Errorf("%+v", pub)
	}
	for _, secret := range []string{string(w.weak), string(w.standing), "大门", "东门", "V-9", "weak", "777777", "wang", "by", "pledged", `"compound`, string(ids[0])} {
		if strings.Contains(said, secret) {
			t.Errorf("%q is public: %s", secret, said)
		}
	}
	// Taken back, it stands there as a correction, and the sums follow.
	whole, err := w.s.Whole(w.ctx, w.clock().AtClose(w.today()), w.standing)
	w.must(err)
	for _, e := range whole.Money {
		if e.Of == ids[0] {
			w.on(place.Date(2017, 9, 12))
			_, err = w.s.Reverse(w.ctx, "li", e.ID, w.today(), "误公示")
			w.must(err)
		}
	}
	p.Do(200, "", "GET", "/api/disclosure", "", &pub)
	if pub.Disclosed != 100_000 || len(pub.Lines) != 3 || pub.Lines[0].Fen != -100_000 || pub.Units[0].Became[0].Number != 3 {
		t.Errorf("%+v", pub)
	}
	p.Do(422, "", "GET", "/api/disclosure?at=2017-09-13", "", nil)
}
