package camera

import "testing"

func TestForbiddenPlaces(t *testing.T) {
	const (
		no  = refused
		q   = ask
		yes = passed
	)
	for _, c := range []struct {
		text string
		want verdict
		kind Forbidden
	}{
		// Refused: the place itself.
		{"公共卫生间", no, ForbiddenToilet},
		{"地下车库男厕", no, ForbiddenToilet},
		{"卫 生 间", no, ForbiddenToilet},
		{"卫*生*间", no, ForbiddenToilet},
		{"卫\u200b生间", no, ForbiddenToilet},
		{"衛生間", no, ForbiddenToilet},
		{"物业楼２层洗手间", no, ForbiddenToilet},
		{"游泳馆更衣室", no, ForbiddenChanging},
		{"健身房更衣室门内", no, ForbiddenChanging},
		{"服装店试衣间", no, ForbiddenChanging},
		{"会所浴室", no, ForbiddenBath},
		{"女浴室里面", no, ForbiddenBath},
		{"桑拿房", no, ForbiddenBath},
		{"物业中心母婴室", no, ForbiddenNursing},
		{"哺乳室内", no, ForbiddenNursing},
		{"保安宿舍", no, ForbiddenDormitory},
		{"宿舍内", no, ForbiddenDormitory},
		{"学生宿舍房间", no, ForbiddenDormitory},
		{"女生寝室", no, ForbiddenDormitory},
		{"宾馆房间", no, ForbiddenHotel},
		{"民宿客房", no, ForbiddenHotel},
		{"饭店包间", no, ForbiddenHotel},
		{"3号楼501住户家中", no, ForbiddenHome},
		{"业主室内", no, ForbiddenHome},
		{"老人卧室", no, ForbiddenHome},
		{"某户客厅", no, ForbiddenHome},
		{"Toilet", no, ForbiddenToilet},
		{"WC 2F", no, ForbiddenToilet},
		{"Men's changing room", no, ForbiddenChanging},
		{"Locker rooms", no, ForbiddenChanging},
		{"Gym showers", no, ForbiddenBath},
		{"Nursing room", no, ForbiddenNursing},
		{"hotel room 301", no, ForbiddenHotel},
		{"dorm room", no, ForbiddenDormitory},
		{"bedroom", no, ForbiddenHome},
		{"view into the apartment", no, ForbiddenHome},
		// Refused: an angle into it.
		{"从走廊正对更衣室内部", no, ForbiddenChanging},
		{"对着浴室", no, ForbiddenBath},
		{"正对3号楼阳台", no, ForbiddenHome},
		{"正对3号楼东单元住户阳台", no, ForbiddenHome},
		{"直视居民窗户", no, ForbiddenHome},
		{"可看到卫生间隔间", no, ForbiddenToilet},
		{"looking into the toilets", no, ForbiddenToilet},
		// Asked: the outside of such a place, or a word that has both meanings.
		{"公共卫生间外通道", q, ForbiddenToilet},
		{"公共卫生间门口", q, ForbiddenToilet},
		{"公厕东侧道路", q, ForbiddenToilet},
		{"更衣室外走廊", q, ForbiddenChanging},
		{"靠近浴室的通道", q, ForbiddenBath},
		{"洗浴中心门前道路", q, ForbiddenBath},
		{"母婴室旁走廊", q, ForbiddenNursing},
		{"朝向走廊，不拍摄更衣室内部", q, ForbiddenChanging},
		{"已遮挡居民窗户", q, ForbiddenHome},
		{"高空抛物，拍摄外墙与阳台外侧", q, ForbiddenHome},
		{"电梯厅，画面边缘有入户门", q, ForbiddenHome},
		{"民宿门前停车位", q, ForbiddenHotel},
		{"纺织厂宿舍北路", q, ForbiddenDormitory},
		{"corridor outside the toilets", q, ForbiddenToilet},
		{"toilet entrance", q, ForbiddenToilet},
		{"path next to the bathhouse", q, ForbiddenBath},
		{"facade with balconies", q, ForbiddenHome},
		{"does not show any windows", q, ForbiddenHome},
		// Clear: must not cry wolf.
		{"东门人行道", yes, ""},
		{"棉纺厂宿舍小区大门", yes, ""},
		{"棉纺厂宿舍东门", yes, ""},
		{"职工宿舍楼东侧道路", yes, ""},
		{"1号楼入户大堂", yes, ""},
		{"居家养老服务中心门前", yes, ""},
		{"家园路口", yes, ""},
		{"王家里弄12号", yes, ""},
		{"莫家中心街", yes, ""},
		{"物业服务窗口", yes, ""},
		{"金阳花园3号楼单元门", yes, ""},
		{"电动自行车棚", yes, ""},
		{"家属院停车场", yes, ""},
		{"Bathurst Road gate", yes, ""},
		{"Homeland Garden gate", yes, ""},
		{"WCDMA mast", yes, ""},
		{"Car park B, ramp", yes, ""},
		{"垃圾分类投放点", yes, ""},
	} {
		got, kind := passed, Forbidden("")
		for _, h := range checkPlaces(placeText{"area", c.text}) {
			if h.Verdict > got {
				got, kind = h.Verdict, h.Kind
			}
		}
		if got != c.want || kind != c.kind {
			t.Errorf("%q: got %v %q, want %v %q", c.text, got, kind, c.want, c.kind)
		}
	}
}

func FuzzPlaces(f *testing.F) {
	for _, s := range []string{"公共卫生间外通道", "corridor outside the toilets", "\xff卫\u200b生间", "对着", "in the home"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, h := range checkPlaces(placeText{"name", s}) {
			if h.Word == "" || h.Verdict == passed {
				t.Fatalf("%q: empty hit %+v", s, h)
			}
		}
		// Blanks between characters never make a refused place pass.
		if len(checkPlaces(placeText{"name", "男更衣室"})) == 0 {
			t.Fatal("lost")
		}
	})
}
