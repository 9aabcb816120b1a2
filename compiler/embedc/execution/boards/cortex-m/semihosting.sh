#!/bin/sh
# SPDX-License-Identifier: 0BSD
# semihosting.sh EMULATOR PROGRAM [WORD...]: runs a program whose command line the emulator gives it by semihosting.
emulator=$1 program=$2 words=,arg=program
shift 2
for word; do
  words="$words,arg=$(printf %s "$word" | sed 's/,/,,/g')"
done
# Unquoted: the emulator's own command line.
exec $emulator -semihosting-config "enable=on,target=native,chardev=host$words" -kernel "$program"
