pytest_plugins = ["tests.support.cast", "tests.support.pace", "tests.support.sandbox", "tests.support.services"]
