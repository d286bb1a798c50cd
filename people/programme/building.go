package programme

// BuildingsWith is how many buildings have what: which of them, the compound's own page says.
type BuildingsWith struct {
	Access   int64 `json:"access_buildings" doc:"Buildings that have access control"`
	Door     int64 `json:"door_buildings" doc:"Buildings that have a door"`
	Lit      int64 `json:"light_buildings" doc:"Buildings that have lights"`
	Camera   int64 `json:"camera_buildings" doc:"Buildings that have cameras"`
	Intercom int64 `json:"intercom_buildings" doc:"Buildings that have an intercom"`
	Alarm    int64 `json:"alarm_buildings" doc:"Buildings that have an alarm"`
}

// of is one of them, in the order of place.ByBuilding.
func (b *BuildingsWith) of(i int) *int64 {
	return [...]*int64{&b.Access, &b.Door, &b.Lit, &b.Camera, &b.Intercom, &b.Alarm}[i]
}

// buildings are those of a tally.
func (t *Tally) buildings() (b BuildingsWith) {
	for i := range buildingKinds {
		*b.of(i) = t[AccessBuildings+Figure(i)]
	}
	return b
}
