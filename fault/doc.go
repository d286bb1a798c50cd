// Package fault names the few kinds of error, mapped to HTTP and to the link once.
//
// An error carries what happened (Kind), where (Op), and the key of a sentence for the user (Code); the chain below it is for the operator.
package fault
