"""Makes the real parts known to every test; they start when the first test asks for one."""

pytest_plugins = ["tests.support.backing", "tests.support.whole_house", "tests.support.browser"]
