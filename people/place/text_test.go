package place_test

import (
	"testing"

	"linli.dev/linli/people/place"
)

func TestNumbersOfPersons(t *testing.T) {
	const identity, phone = "place.field.identity-number", "place.field.phone-number"
	for text, want := range map[string]string{
		"371302198001011234": identity, "37130219800101123X": identity, "见 371302 19800101 1234": identity, "371302 1980 0101 1234": identity,
		"371302-19800101-123x": identity, "３７１３０２１９８００１０１１２３４": identity, "371302800101123": identity, "号371302 800101 123。": identity,
		"13905391234": phone, "139-0539-1234": phone, "139 0539 1234": phone, "139.0539.1234": phone, "+86 139 0539 1234": phone, "(86)13905391234": phone, "联系13905391234谢谢": phone,
		"0539-8312345": phone, "05398312345": phone, "0539 8312345": phone, "(0539)8312345": phone, "（0539） 8312345": phone, "0539-831-2345": phone, "010-62345678": phone, "021 6234 5678": phone,
		"400-123-4567": phone, "4001234567": phone, "400 1234 567": phone, "800-820-8820": phone,
		// numbers of other things
		"": "", "371302001001": "", "371302": "", "2017-09-27": "", "20170927": "", "2017/9/27 10:30": "", "118.351234": "", "130.12345678": "", "35.0512345678": "",
		"400": "", "4000": "", "0539": "", "276000": "", "110、119、120": "", "1980年1月1日": "", "990000800101123": "", "371302801301123": "", "01ARZ3NDEKTSV4RRFFQ69G5FAV": "", "8312345": "", "400.1234567": "",
	} {
		if got := place.Personal(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
