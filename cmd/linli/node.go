package main

import (
	"context"
	"fmt"
	"log/slog"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
)

// nodeCmd says which compound the cameras of this machine belong to.
type nodeCmd struct {
	Show nodeShowCmd `cmd:""`
	Tie  nodeTieCmd  `cmd:""`
}

type nodeShowCmd struct{ dataFlags }

func (c nodeShowCmd) Run(ctx context.Context, log *slog.Logger, v *api.Voice) error {
	_, city, done, err := c.offices(ctx, log, command{})
	if err != nil {
		return err
	}
	defer done()
	n, err := city.Places.Node(ctx)
	if err != nil {
		return err
	}
	if n.Version == 0 {
		fmt.Println(v.Say("cli.node.none"))
		return nil
	}
	ties, err := city.Places.TiesOf(ctx, place.Here)
	if err != nil {
		return err
	}
	fmt.Println(v.Say("cli.node.is", "name", n.Name, "id", n.Compound, "cameras", len(ties)))
	return nil
}

type nodeTieCmd struct {
	dataFlags
	Compound string `arg:""`
}

// Run works beside a running server, which hears of it and compares its register with the compound's list at once.
func (c nodeTieCmd) Run(ctx context.Context, log *slog.Logger, v *api.Voice) error {
	_, city, done, err := c.offices(ctx, log, command{"node tie", c.Compound})
	if err != nil {
		return err
	}
	defer done()
	id, err := placeNamed(ctx, city, identity.Manager, c.Compound) // a manager's place is a compound
	if err != nil {
		return err
	}
	n, err := city.Places.Node(ctx)
	if err != nil {
		return err
	}
	if n.Version == 0 || n.Compound != place.ID(id) {
		if err := city.Places.TieNode(ctx, "cli", n.Version, place.ID(id), nil); err != nil {
			return err
		}
	}
	return nodeShowCmd{c.dataFlags}.Run(ctx, log, v)
}
