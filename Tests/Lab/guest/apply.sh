# Changes of kvm's parameters, on a machine that is reset in the middle: /etc and /var are on its disk, and modprobe loads
# kvm with what lies in /etc/modprobe.d. Nothing reaches the disk by itself (commit=600), and what was brought there only as
# polltrace brings it has to be there after the reset.
. /lab/lib.sh
RECORD=/run/polltrace/change.json

mkdir -p /disk /etc /var
mount -t ext4 -o commit=600 /dev/vda /disk
mkdir -p /disk/etc /disk/var/lib /disk/boots
mount -o bind /disk/etc /etc
mount -o bind /disk/var /var
boot=$(($(ls /disk/boots | wc -l) + 1))
mkdir /disk/boots/$boot
sync
# The applets of busybox read less.
/sbin/depmod && /sbin/modprobe kvm_amd

# look NAME: what is set, in the kernel and at each boot, and whether a file is there that no boot may find.
look() {
  parameters > "$1.parameters"
  cat /etc/modprobe.d/* > "$1.modprobe" 2> /dev/null
  ls /etc/unsynced > "$1.unsynced" 2> /dev/null
}

# restart: sends what there is, and resets the machine, without bringing anything to its disk. What sysrq says is no
# trouble of the kernel's.
restart() {
  echo "reset" > /etc/unsynced
  cp scenario.log "boot-$boot.log"
  send
  echo b > /proc/sysrq-trigger
  sleep 60
}

is_back() { parameters | cmp -s - default.parameters; }

# killed NAME WRITE: the command is killed when it makes that write. The first writes the record, one each the values, and
# the last what it says.
killed() {
  run "$1" strace -qq -o /dev/null -e inject=write:signal=KILL:when=$2 \
    polltrace apply halt_poll_ns=60us,grow=3,grow_start=20us,shrink=4 --confirm-within 3s
  look "$1-set"
  until_true is_back
  look "$1-after"
}

case $boot in
1)
  look default
  run timed polltrace apply halt_poll_ns=50us,shrink=4 --confirm-within 3s
  look timed-set
  until_true is_back
  look timed-after
  run timed-status polltrace status --format json
  killed killed-between 4
  killed killed-after 6

  run unconfirmed polltrace apply halt_poll_ns=60us,grow=3 --persist --confirm-within 10m
  look unconfirmed-set
  # As if /run outlasted a restart.
  cp $RECORD /disk/
  sync
  ;;
2)
  look restarted
  run restarted-status polltrace status --format json
  cp /disk/change.json $RECORD
  run void-status polltrace status
  run void-confirm polltrace confirm
  look void-confirmed
  cp /disk/change.json $RECORD
  run void-next polltrace apply halt_poll_ns=80us --confirm-within 1h
  look void-next-set
  run void-revert polltrace revert
  look void-after

  run persisted polltrace apply halt_poll_ns=70us,shrink=4 --persist --confirm-within 10m
  look persisted-set
  run persisted-confirm polltrace confirm
  ;;
3)
  look persisted-after
  run persisted-status polltrace status --format json
  run persisted-revert polltrace revert
  look reverted
  ;;
4)
  look reverted-after
  run reverted-status polltrace status --format json
  exit
  ;;
esac
restart
