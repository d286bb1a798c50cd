package camera

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamesStandAsPeopleCount(t *testing.T) {
	want := []string{"", "3号楼", "12号楼", "gate", "gate 2", "gate 10", "gate 010b", "gate 11", "road", "road 2", "大门", "大门 2", "大门 10"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, naturally)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, a := range want {
		for _, b := range want {
			if naturally(a, b) != -naturally(b, a) {
				t.Errorf("%q and %q: %d and %d", a, b, naturally(a, b), naturally(b, a))
			}
		}
	}
}

func TestChannelsOfARecorderStandTogether(t *testing.T) {
	view := func(name, device string, kind DeviceKind, channel int) View {
		return View{Camera: Camera{ID: ID(name + device), Name: name, Device: DeviceID(device), Channel: channel}, DeviceName: device, DeviceKind: kind}
	}
	list := []View{
		view("北门 10", "b10", KindCamera, 1),
		view("北门 2", "b2", KindCamera, 1),
		view("道路", "录像机", KindRecorder, 11),
		view("大门", "录像机", KindRecorder, 2),
		view("车库", "录像机", KindRecorder, 1),
	}
	slices.SortFunc(list, inLine)
	var got []string
	for _, v := range list {
		got = append(got, fmt.Sprint(v.Name, v.Channel))
	}
	if diff := cmp.Diff([]string{"北门 21", "北门 101", "车库1", "大门2", "道路11"}, got); diff != "" {
		t.Error(diff)
	}
}
