/**
 * What a select takes for nothing chosen, so that it says what to choose or type. Elsewhere an empty text is a choice
 * like any other: all counties, any light.
 */
export const NOTHING = ["", null, undefined];
