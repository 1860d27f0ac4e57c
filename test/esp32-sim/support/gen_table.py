"""Runs gen_esp32part of the ESP-IDF in IDF_PATH on a CSV from standard input and writes the table to standard output. Its command line needs packages that only an
activated ESP-IDF has, so the classes behind it are used."""
import os
import sys
import types

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["IDF_PATH"], "components", "partition_table"))


class Anything:
    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return args[0] if len(args) == 1 and callable(args[0]) and not kwargs else self


class AnyClass:
    def __init__(self, *args, **kwargs):
        pass


for name in ("rich_click", "esp_pylib", "esp_pylib.cli_options", "esp_pylib.cli_types", "esp_pylib.logger"):
    try:
        __import__(name)
    except ImportError:
        module = types.ModuleType(name)
        module.__getattr__ = lambda attribute: AnyClass if attribute[0].isupper() else Anything()
        module.__path__ = []
        sys.modules[name] = module

import gen_esp32part

gen_esp32part.quiet = True
gen_esp32part.md5sum = sys.argv[1] == "md5"
gen_esp32part.offset_part_table = 0x8000
table = gen_esp32part.PartitionTable.from_csv(sys.stdin.read())
table.verify()
sys.stdout.buffer.write(table.to_binary())
