-- | Values to try: small ones, any, and those at the borders.
module Values
  ( whole,
    float,
    double,
    integer,
    natural,
    bool,
    char,
    text,
    bytes,
    many,
    optional,
    either',
    nonEmpty,
    vectorOf',
    set,
    entries,
    time,
    duration,
    point,
    shape,
    tree,
  )
where

import Data.ByteString (ByteString)
import qualified Data.ByteString as ByteString
import Data.Fixed (Fixed (..))
import Data.List.NonEmpty (NonEmpty (..))
import Data.Map.Strict (Map)
import qualified Data.Map.Strict as Map
import Data.Set (Set)
import qualified Data.Set as Set
import Data.Text (Text)
import qualified Data.Text as Text
import Data.Time.Calendar (Day (..))
import Data.Time.Clock (NominalDiffTime, UTCTime (..), picosecondsToDiffTime, secondsToNominalDiffTime)
import Data.Vector.Storable (Storable, Vector)
import qualified Data.Vector.Storable as Vector
import GHC.Float (castWord32ToFloat, castWord64ToDouble)
import Numeric.Natural (Natural)
import Test.Tasty.QuickCheck
import Types

whole :: (Bounded a, Integral a) => Gen a
whole =
  oneof
    [ arbitraryBoundedIntegral,
      arbitrarySizedBoundedIntegral,
      elements [minBound, minBound + 1, 0, maxBound - 1, maxBound]
    ]

-- | All but those that are no numbers: none equals itself.
float :: Gen Float
float = (castWord32ToFloat <$> whole) `suchThat` (not . isNaN)

double :: Gen Double
double = (castWord64ToDouble <$> whole) `suchThat` (not . isNaN)

-- | Mostly around the borders of limbs of 64 bits, and of the small form.
integer :: Gen Integer
integer =
  oneof
    [ arbitrary,
      near <$> elements [63, 64, 65, 127, 128, 1000] <*> choose (-2, 2) <*> elements [-1, 1],
      fromInteger . product <$> listOf (choose (-4611686018427387904, 4611686018427387904))
    ]
  where
    near :: Int -> Integer -> Integer -> Integer
    near bits offset sign = sign * (2 ^ bits + offset)

natural :: Gen Natural
natural = fromInteger . abs <$> integer

bool :: Gen Bool
bool = arbitrary

char :: Gen Char
char = oneof [arbitrary, elements ['\0', '\x7f', '\x80', '\x7ff', '\x800', '\xd7ff', '\xe000', '\xffff', '\x10000', maxBound]]

-- | Some of them are parts of a longer one, and some have runs of a character:
-- those of ASCII are written several at a time.
text :: Gen Text
text = Text.drop <$> choose (0, 2) <*> (Text.concat <$> many run)
  where
    run = Text.replicate <$> frequency [(5, pure 1), (1, choose (2, 20))] <*> (Text.singleton <$> char)

-- | Some of them are parts of longer ones.
bytes :: Gen ByteString
bytes = ByteString.drop <$> choose (0, 2) <*> (ByteString.pack <$> many whole)

many :: Gen a -> Gen [a]
many = listOf . scale (`div` 2)

optional :: Gen a -> Gen (Maybe a)
optional = liftArbitrary

either' :: Gen a -> Gen b -> Gen (Either a b)
either' = liftArbitrary2

nonEmpty :: Gen a -> Gen (NonEmpty a)
nonEmpty value = (:|) <$> value <*> many value

vectorOf' :: Storable a => Gen a -> Gen (Vector a)
vectorOf' number = Vector.drop <$> choose (0, 2) <*> (Vector.fromList <$> many number)

set :: Ord a => Gen a -> Gen (Set a)
set value = Set.fromList <$> many value

entries :: Ord key => Gen key -> Gen value -> Gen (Map key value)
entries key value = Map.fromList <$> many ((,) <$> key <*> value)

-- | With the farthest days, and leap seconds.
time :: Gen UTCTime
time = UTCTime . ModifiedJulianDay <$> day <*> (picosecondsToDiffTime <$> picoseconds)
  where
    day = oneof [arbitrary, elements [-farthest, farthest], choose (-farthest, farthest)]
    picoseconds = oneof [elements [0, last'], choose (0, last')]
    farthest = 100000000000000
    last' = 86400999999999999

duration :: Gen NominalDiffTime
duration = secondsToNominalDiffTime . MkFixed <$> integer

point :: Gen Point
point = Point <$> whole <*> whole

shape :: Gen (Shape Text)
shape =
  oneof
    [ pure Empty,
      Circle <$> whole,
      Line <$> point <*> point,
      Box <$> whole <*> whole,
      Label <$> text
    ]

tree :: Gen Tree
tree = sized $ \most ->
  if most == 0
    then pure Leaf
    else oneof [pure Leaf, Node <$> half tree <*> whole <*> half tree]
  where
    half = scale (`div` 2)
