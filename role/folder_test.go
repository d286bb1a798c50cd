package role

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/store"
)

// The folder of a compound has what each room knows of it: its classes with what they rest on, its buildings, each inspection as
// its report has it, what was to be mended, and the tasks it was given, step by step.
func TestTheEvidenceOfEveryRoom(t *testing.T) {
	w := newTwoCounties(t)
	_, err := w.city.Places.Found(t.Context(), "op", []place.NewPlace{{Level: place.Building, Parent: place.ID(w.ids["compound1"]), Name: "6号楼", From: w.city.Places.Clock().Today() - 30}})
	if err != nil {
		t.Fatal(err)
	}
	w.as(identity.CountyOffice, "county1")
	code, said := w.ask("GET", w.fill("/api/compounds/<compound1>/evidence.zip"), "")
	if code != 200 {
		t.Fatal(code, said)
	}
	files := apitest.Unzip(t, said)
	for name, words := range map[string][]string{
		"小区类别.csv":      {"列入,治安基础薄弱小区,无围墙,摸底表,op"},
		"楼栋.csv":        {"6号楼"},
		"督办/督办事项.csv":   {"尽快安装", "待签收,下达"},
		"检查验收/检查验收.csv": {w.ids["inspection1"]},
		"检查验收/整改事项.csv": {"日期,检查项目,整改事项"},
	} {
		for _, word := range words {
			if !strings.Contains(files[name], word) {
				t.Errorf("%s: %q lacks %q", name, files[name], word)
			}
		}
	}
	report := w.fill("检查验收/<today> <inspection1>/金阳花园 <today>.xlsx")
	if !strings.Contains(unpacked(t, files[report]), "金阳花园") {
		t.Errorf("no %s in %v", report, keysOf(files))
	}
	if other := w.told(said, "2"); other != "" {
		t.Error(other)
	}
}

// A pairing that has ended, of a compound that has ended, keeps its money, its tasks and its vouchers: on the compound's page, and in
// its evidence. A voucher that was a mistake is no evidence.
func TestTheEvidenceOfWhatHasEnded(t *testing.T) {
	w := newTwoCounties(t)
	ctx, today := t.Context(), w.city.Places.Clock().Today()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	slip, err := w.city.Pairing.Attach(ctx, "op", pairing.EntryID(w.ids["money1"]), pairing.Voucher, "误传.pdf", []byte("%PDF-1.5\n%%EOF"))
	must(err)
	_, err = w.city.Pairing.Withdraw(ctx, "op", slip.ID, "误传")
	must(err)
	_, err = w.city.Pairing.Unpair(ctx, "op", pairing.ID(w.ids["pairing1"]), place.Whatever, today)
	must(err)
	for _, ended := range []bool{false, true} {
		if ended {
			_, err = w.city.Places.End(ctx, "op", place.ID(w.ids["compound1"]), place.Whatever, today, "拆迁")
			must(err)
		}
		w.as(identity.CountyOffice, "county1")
		code, said := w.ask("GET", w.fill("/api/compounds/<compound1>/evidence.zip"), "")
		if code != 200 {
			t.Fatal(code, said)
		}
		files := apitest.Unzip(t, said)
		for name, word := range map[string]string{"结对帮扶/市总工会/资金明细.csv": "到位,10.00", "结对帮扶/市总工会/帮扶任务.csv": "修大门", "结对帮扶/市总工会/凭证/承诺书.pdf": "%PDF-1.4", "创建进度/登记情况.csv": "到位资金增减（分）,1000"} {
			if !strings.Contains(files[name], word) {
				t.Errorf("ended %v: %s: %q lacks %q, there are %q", ended, name, files[name], word, keysOf(files))
			}
		}
		if len(files["结对帮扶/市总工会/凭证/误传.pdf"]) > 0 {
			t.Error("a voucher that was withdrawn is evidence")
		}
		_, said = w.ask("GET", w.fill("/api/pairings?compound=<compound1>"), "")
		var list struct{ Pairings []pairing.View }
		must(json.Unmarshal([]byte(said), &list))
		_, said = w.ask("GET", w.fill("/api/programme/compounds/<compound1>"), "")
		var at programme.CompoundState
		must(json.Unmarshal([]byte(said), &at))
		if len(list.Pairings) != 1 || list.Pairings[0].Until != today || list.Pairings[0].Received != at.Received || at.Received != 1000 || at.Pairings != 0 {
			t.Errorf("ended %v: %+v\n%+v", ended, list.Pairings, at)
		}
	}
}

// A voucher whose bytes are no longer those that were handed in is left out and named; the rest of the folder is there.
func TestEvidenceWithAChangedFile(t *testing.T) {
	w := newTwoCounties(t)
	_, err := w.city.Pairing.Attach(t.Context(), "op", pairing.EntryID(w.ids["money1"]), pairing.Voucher, "回单.pdf", []byte("%PDF-1.5\n%%EOF"))
	if err == nil {
		err = w.db.Change(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.NewUpdate().Table("help_file_bytes").Set("bytes = ?", []byte("%PDF-1.5 other")).Where("hash IN (SELECT hash FROM help_files WHERE name = ?)", "回单.pdf").Exec(ctx)
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	w.as(identity.CountyOffice, "county1")
	code, said := w.ask("GET", w.fill("/api/compounds/<compound1>/evidence.zip"), "")
	if code != 200 {
		t.Fatal(code, said)
	}
	files := apitest.Unzip(t, said)
	if _, ok := files["结对帮扶/市总工会/凭证/回单.pdf"]; ok || !strings.Contains(files["结对帮扶/市总工会/凭证/承诺书.pdf"], "%PDF-1.4") {
		t.Errorf("%q", keysOf(files))
	}
	if manifest := files["清单.csv"]; !strings.Contains(manifest, "回单.pdf,,文件内容与登记的 SHA-256 不符") || !strings.Contains(manifest, "承诺书.pdf,") {
		t.Errorf("%q in %q", manifest, keysOf(files))
	}
}

func keysOf(files map[string]string) (out []string) {
	for name := range files {
		out = append(out, name)
	}
	return out
}
