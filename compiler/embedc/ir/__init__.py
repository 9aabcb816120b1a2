"""The Graph: types, values, scalar programs, text form."""
