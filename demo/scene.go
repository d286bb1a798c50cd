package demo

import (
	"fmt"

	"linli.dev/linli/camera"
)

// scene is what a demo camera says of itself in the register. The order is that of the drawn clips.
type scene struct {
	name, area   string
	kind         camera.AreaKind
	angle, reach string
	reason       string
	basis        camera.Basis
}

// KeepDays is how long the demo promises to keep footage. Four cameras write about 50 GB a day, so a promise of a month, as a
// real compound makes it, would be broken on most machines on which somebody tries it.
const KeepDays = 1

var scenes = []scene{
	{"大门", "小区大门", camera.AreaGate, "由门卫室朝外看大门与道闸", "约15米", "掌握车辆和人员出入口秩序，防止消防通道被占", camera.BasisPublicSecurity},
	{"中心道路", "中心道路", camera.AreaRoad, "由路灯杆沿道路向南看", "约40米", "查看道路照明、井盖和消防通道是否畅通", camera.BasisFire},
	{"停车场", "东侧停车场", camera.AreaCarPark, "由东北角俯看车位", "约30米", "查看车位、充电设施和剐蹭纠纷", camera.BasisOwners},
	{"休闲广场", "中心休闲广场", camera.AreaYard, "由凉亭一侧看广场", "约25米", "查看健身器材和照明设施是否完好", camera.BasisOwners},
}

// entry is the register's entry of demo camera i.
func entry(i int, device camera.DeviceID) camera.Edit {
	s := scenes[i%len(scenes)]
	name := s.name
	if round := i / len(scenes); round > 0 {
		name = fmt.Sprintf("%s %d", s.name, round+1)
	}
	return camera.Edit{
		Device: &device, Channel: ptr(i + 1), Name: &name,
		Area: ptr(s.area), AreaKind: ptr(s.kind), Angle: ptr(s.angle), Range: ptr(s.reach), Reason: ptr(s.reason),
		Common: ptr(true), Basis: ptr(s.basis), RetentionMain: ptr(KeepDays), RetentionSub: ptr(KeepDays),
		Sign: ptr("公共区域视频监控，查看均有登记"), CallNote: ptr("值班室，分机 8001"),
		Main: ptr(fmt.Sprintf("/cam%04d/main", i)), Sub: ptr(fmt.Sprintf("/cam%04d/sub", i)),
	}
}
