"""Readings of Chinese characters: the word list of pypinyin without tones, and how surnames are read.

pypinyin's own converter takes 6 µs a character; its tables with a cache of words take a tenth of that.
"""

from __future__ import annotations

import gc
import unicodedata
from functools import cache, lru_cache

# Characters whose reading as a surname differs from the first reading of the character list (百家姓; 现代汉语词典).
_SURNAMES = (
    "仇qiu 单shan 曾zeng 解xie 查zha 朴piao 区ou 任ren 华hua 盖ge 缪miao 宿su 种chong 翟zhai 乐yue 员yun 折she 召shao 秘bi 繁po 冼xian "
    "燕yan 葛ge 宁ning 俞yu 黑he 盛sheng 郗xi 那na 覃qin 逄pang 佴nai 乜nie 幺yao 车che 纪ji 臧zang 祭zhai 佘she 隗wei 谌chen 牟mou "
    "都du 强qiang 相xiang 石shi 沈shen 冯feng 贾jia 夏xia 谷gu 行xing 邸di 撒sa 钭tou 訾zi 郇xun 洗xian 卜bu 柏bai 尹yin 尉wei 长chang "
    "参shen 六lu 眭sui 晁chao 阚kan 褚chu 薄bo 吾wu 斗dou 句gou 角jue 朝chao 伯bo 叶ye 於yu 万wan 缑gou 郏jia 郝hao 庹tuo 藏zang 重chong"
)
_DOUBLE = (
    "尉迟yu,chi 长孙zhang,sun 万俟mo,qi 澹台tan,tai 单于chan,yu 令狐ling,hu 呼延hu,yan 欧阳ou,yang 司马si,ma 诸葛zhu,ge 上官shang,guan "
    "夏侯xia,hou 皇甫huang,fu 公孙gong,sun 慕容mu,rong 宇文yu,wen 司徒si,tu 东方dong,fang 独孤du,gu 端木duan,mu 南宫nan,gong 轩辕xuan,yuan "
    "司空si,kong 太史tai,shi 申屠shen,tu 濮阳pu,yang 淳于chun,yu 鲜于xian,yu 闾丘lv,qiu 亓官qi,guan 赫连he,lian 拓跋tuo,ba 完颜wan,yan 贺兰he,lan "
    "东郭dong,guo 西门xi,men 南郭nan,guo 百里bai,li 乐正yue,zheng 公羊gong,yang 榖梁gu,liang 谷梁gu,liang 宗政zong,zheng 仲孙zhong,sun 钟离zhong,li"
)
_ONE = {pair[0]: pair[1:] for pair in _SURNAMES.split()}
_TWO = {pair[:2]: pair[2:].replace("lv", "lu").split(",") for pair in _DOUBLE.split()}


def _plain(syllable: str) -> str:
    """A syllable without tone, ü as u."""
    return "".join(
        c for c in unicodedata.normalize("NFKD", syllable) if not unicodedata.combining(c) and c.isalpha()
    ).lower()


@cache
def _tables() -> tuple[dict[int, str], dict[str, list[list[str]]]]:
    """pypinyin's readings of characters and of phrases; loaded when first needed, for it takes a quarter of a second.

    They are hundreds of thousands of lists that stay: the collector of garbage would go through all of them again and again.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
    finally:
        gc.freeze()
        if collects:
            gc.enable()
    return PINYIN_DICT, PHRASES_DICT


@cache
def _syllable(char: str) -> str:
    known = _tables()[0].get(ord(char))
    return _plain(known.split(",")[0]) or char if known else char


@lru_cache(maxsize=65536)
def reading(word: str) -> list[str]:
    """Syllables of a word of the segmentation. The list is cached: do not change it."""
    phrase = _tables()[1].get(word) if len(word) > 1 else None
    if phrase:
        return [_plain(syllable[0]) for syllable in phrase]
    return [_syllable(char) for char in word]


def surname(name: str) -> tuple[list[str], str]:
    """(syllables of the surname, the rest of the name) of a Chinese name without spaces."""
    if len(name) > 2 and name[:2] in _TWO:
        return list(_TWO[name[:2]]), name[2:]
    return [_ONE.get(name[0]) or _syllable(name[0])], name[1:]
