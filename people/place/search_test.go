package place

import (
	"strings"
	"testing"
	"time"
)

func TestNamesAreFoundByCharactersPinyinAndInitials(t *testing.T) {
	for _, c := range []struct {
		name       string
		yes, never []string
	}{
		{"金阳花园", []string{"", "金阳", "花园", "jinyang", "JIN yang", "jin'yang", "jy", "jyhy", "hy", "jinyanghuayuan", "jyhuay", "jin阳", "金yang", "j", "jinya"}, []string{"jx", "金园", "yj", "inyang", "jinyanghuayuanx"}},
		{"银河湾3号院", []string{"yhw3hy", "yinhewan3", "3号", "湾3", "yhw3号"}, []string{"yhw4"}},
		{"重庆路小区", []string{"chongqing", "zhongqing", "cq", "zq", "chq", "zhql"}, []string{"qc"}},
		{"绿地·城", []string{"lvdi", "ldc", "绿地城", "绿地·城"}, []string{"绿城"}},
		{"Vanke 万科城", []string{"vanke", "VANKE万科", "wkc", "vankewkc"}, []string{"vanka"}},
		{"", []string{""}, []string{"a"}},
	} {
		for _, typed := range c.yes {
			if !NewNeedle(typed).In(c.name) {
				t.Errorf("%q does not find %q", typed, c.name)
			}
		}
		for _, typed := range c.never {
			if NewNeedle(typed).In(c.name) {
				t.Errorf("%q finds %q", typed, c.name)
			}
		}
	}
}

// A name in which every character may be typed in several ways is answered as fast as any.
func TestNoNeedleTakesLong(t *testing.T) {
	begun := time.Now()
	name, typed := strings.Repeat("阿啊", 30), strings.Repeat("a", 59)+"x"
	for range 50 {
		if NewNeedle(typed).In(name) {
			t.Fatal("found")
		}
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}
