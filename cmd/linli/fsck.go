package main

import "errors"

type fsckCmd struct {
	dataFlags
	Mend bool `help:"Put right what is found; needs the data folder for itself."`
}

func (fsckCmd) Run() error { return errors.New("soon") }
