"""Imported where workers are forked from: dictionaries load at first use, so use them once here and every worker shares their memory."""

from normalise import text

text.words("长江大桥")
text.fold("長江")
text.pinyin("重庆")
text.script("長江")
