package role

import "testing"

// excused are the kinds of changes in the journal that the ledger has nothing of, because. A test beside arrows_test.go finds a kind that is
// neither here nor entered.
var excused = map[string]string{
	"session.begun": signingIn, "session.ended": signingIn,
	"camera.health": health, "device.health": health, "disk.state": health, "footage.checked": health,
	"hub.reported": health, "hub.failed": health, "node.reported": health,

	"programme.changed": programmes, "milestone.set": programmes, "compound.said": programmes, "compound.seen": programmes, "return.changed": programmes,
	"rule.proposed": programmes, "request.changed": programmes, "indicator.defined": programmes, "indicator.aimed": programmes,
	"supervision.raised": programmes, "supervision.stepped": programmes, "supervision.rule-set": programmes,
	"bulletin.written": programmes, "bulletin.issued": programmes, "bulletin.office": programmes,
	"inspection.planned": programmes, "inspection.answered": programmes, "inspection.signed": programmes, "inspection.finished": programmes,
	"inspection.cancelled": programmes, "inspection.mend-stepped": programmes, "inspection.form-changed": programmes, "inspection.form-published": programmes,
	"campaign.set": programmes, "campaign.activity": programmes, "campaign.notice": programmes,
	"pairing.begun": programmes, "pairing.ended": programmes, "money.entered": programmes, "money.corrected": programmes, "money.reversed": programmes,
	"money.filed": programmes, "money.unfiled": programmes, "task.set": programmes, "task.done": programmes, "task.reopened": programmes, "task.withdrawn": programmes,
	"unit.added": programmes, "unit.changed": programmes,
	"place.founded": programmes, "place.changed": programmes, "place.ended": programmes, "place.imported": programmes, "place.import-undone": programmes,
	"place.outlines": programmes, "place.tiles": programmes, "place.located": programmes, "class.entered": programmes, "class.left": programmes, "class.withdrawn": programmes,
	"asset.counted": programmes, "channel.changed": programmes, "evidence.exported": programmes,
}

const (
	signingIn  = "signing in shows no picture; each look names who it was"
	health     = "it is what machines are like, and nobody's doing; outages are for staff only (red line 9)"
	programmes = "it is the city's programme, without pictures: its own rows keep who said what when, and what was said before"
)

func TestExcusedAreNotEntered(t *testing.T) {
	for kind, why := range excused {
		if tells[kind] != nil || why == "" {
			t.Errorf("%s is entered, and excused: %s", kind, why)
		}
	}
}
